"""Tests of the store, on real files and through real crashes."""
