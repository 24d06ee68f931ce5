# Spellout as a container: docs/operate.md says how it is run. Two stages, so that nothing needed only for building is shipped.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/spellout
# For Microsoft Teams: docker build --build-arg EXTRAS=postgres,teams (sixty megabytes more).
ARG EXTRAS=postgres
COPY requirements.lock requirements-teams.lock /src/
RUN case ",$EXTRAS," in *,teams,*) lock=requirements-teams.lock ;; *) lock=requirements.lock ;; esac; \
    /opt/spellout/bin/python -m pip install --require-hashes -r "/src/$lock"
COPY pyproject.toml README.md CHANGELOG.md LICENSE manifest.yml /src/
COPY bot /src/bot
COPY rules /src/rules
RUN python -m pip wheel --no-deps --wheel-dir /wheels /src
RUN /opt/spellout/bin/python -m pip install --no-deps --no-index --find-links /wheels "spellout[$EXTRAS]"

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/spellout --create-home spellout
COPY --from=build /opt/spellout /opt/spellout
ENV PATH=/opt/spellout/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    XDG_DATA_HOME=/var/lib SPELLOUT_LOG_FORMAT=json SPELLOUT_STATUS_PORT=9464
USER spellout
WORKDIR /var/lib/spellout
VOLUME /var/lib/spellout
EXPOSE 3000 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['SPELLOUT_STATUS_PORT'] + '/healthz', timeout=3)"]
ENTRYPOINT ["spellout"]
CMD ["serve"]
