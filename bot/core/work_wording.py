"""The sentences about described work and decision records: their names, and the placeholders each may hold."""

from collections.abc import Mapping

WORK: Mapping[str, str] = {
    # what a description leads to
    "work.heading": "model confidence",
    "work.fallback": "model confidence",
    "work.shared": "by",
    "work.label": "label activity",
    "work.label_only": "label",
    "work.activity": "activity",
    "work.because": "",
    "work.said": "name answer words",
    "work.usual": "name answer",
    "work.halves": "",
    "work.half": "activity model words",
    "work.called_wrong": "label text",
    "work.called_right": "label",
    "work.mistake": "text words",
    "work.runner_up": "model",
    "work.open": "names",
    "work.settled": "",
    "work.answer": "",
    "work.change": "",
    "work.share": "",
    "work.brief": "",
    "work.shared_before": "",
    # nothing to go on
    "work.nothing": "",
    "work.nothing_what": "",
    "work.nothing_many": "",
    "work.nothing_know": "",
    "work.nothing_check": "",
    "work.nothing_steps": "",
    "work.nothing_example": "",
    # the dialogue that follows
    "work.opening": "by",
    "work.given": "by",
    "work.given_said": "name answer words",
    "work.given_usual": "name answer",
    "work.instead": "",
}
