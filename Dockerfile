# selfcheck in a container: `watch` by default, any other command on demand. docs/scheduling.md says how.
# This file has never been built by its makers: they had no container engine. Its text is tested.

FROM python:3.12-slim-bookworm

# The browser comes from the distribution, with fonts for the pictures. tini ends what the browser leaves behind.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends chromium fonts-liberation fonts-noto-core tini \
 && rm -rf /var/lib/apt/lists/*

# Extras of pyproject.toml: alerts, since nobody watches a container. docker build --build-arg EXTRAS='[alerts,wacz]' …
ARG EXTRAS="[alerts,stamps]"

WORKDIR /opt/selfcheck
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY selfcheck ./selfcheck
RUN pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt ".${EXTRAS}"

# Nothing runs as root. The number is that of the first user of most machines, who then owns what is written.
RUN useradd --uid 1000 --create-home selfcheck \
 && mkdir /data /sessions \
 && chmod 700 /sessions \
 && chown selfcheck:selfcheck /data /sessions
USER selfcheck

# /data: runs, history, and what schedules remember. /sessions: saved sign-ins, and nothing else.
# Secrets come at the start (--env-file), never from this file.
# SELFCHECK_SANDBOX=off, since Docker's own seccomp profile refuses what the browser's sandbox is made of. With
# container/seccomp.json it may be on: docs/scheduling.md.
ENV SELFCHECK_DATA=/data \
    SELFCHECK_SANDBOX=off \
    SELFCHECK_SESSIONS=/sessions \
    SELFCHECK_LOGS=/data/logs \
    SELFCHECK_BROWSER=/usr/bin/chromium
VOLUME ["/data", "/sessions"]

# The folder in which profiles.yaml is mounted.
WORKDIR /pages

# Unhealthy: a profile was not looked at for longer than it should be.
HEALTHCHECK --interval=30m --timeout=1m --start-period=15m CMD selfcheck status || exit 1

ENTRYPOINT ["tini", "--", "selfcheck"]
CMD ["watch", "--every", "12h"]
