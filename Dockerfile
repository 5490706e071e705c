# syntax=docker/dockerfile:1
# One image for each service, and one for the command `lahetti`, each without what the others need:
#   docker build --target referral-gateway --tag lahetti/referral-gateway .
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS packages
# The same pinned uv as the Makefile's; it installs what uv.lock says, checked by hash, and nothing newer.
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never \
    UV_PROJECT_ENVIRONMENT=/opt/lahetti
WORKDIR /src
COPY pyproject.toml uv.lock ./
COPY cli cli
COPY libs libs
COPY services services

FROM packages AS referral-gateway-packages
RUN uv sync --frozen --no-dev --no-editable --package referral-gateway

FROM packages AS provider-notifier-packages
RUN uv sync --frozen --no-dev --no-editable --package provider-notifier

FROM packages AS outcome-collector-packages
RUN uv sync --frozen --no-dev --no-editable --package outcome-collector

FROM packages AS lahetti-packages
RUN uv sync --frozen --no-dev --no-editable --package lahetti

FROM ${PYTHON} AS base
RUN groupadd --system --gid 10001 lahetti \
    && useradd --system --uid 10001 --gid lahetti --no-create-home --shell /usr/sbin/nologin lahetti
# Written code is compiled in the build; at run time nothing is written but to stdout and the database.
ENV PATH=/opt/lahetti/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONFAULTHANDLER=1
WORKDIR /
USER 10001:10001

FROM base AS service
ENV LAHETTI_HOST=0.0.0.0 \
    LAHETTI_PORT=8000 \
    LAHETTI_HEALTH_PORT=8001
EXPOSE 8000 8001
# /livez says whether the process's loops make progress; it is answered even while one is blocked.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8001/livez', timeout=2)"]

FROM service AS referral-gateway
COPY --from=referral-gateway-packages /opt/lahetti /opt/lahetti
ENTRYPOINT ["python", "-m", "referral_gateway"]
CMD ["all"]

FROM service AS provider-notifier
COPY --from=provider-notifier-packages /opt/lahetti /opt/lahetti
ENTRYPOINT ["python", "-m", "provider_notifier"]
CMD ["all"]

FROM service AS outcome-collector
COPY --from=outcome-collector-packages /opt/lahetti /opt/lahetti
ENTRYPOINT ["python", "-m", "outcome_collector"]
CMD ["all"]

# Last, and so the default: migrations (`migrate SERVICE`) and the engineers' tools.
FROM base AS lahetti
COPY --from=lahetti-packages /opt/lahetti /opt/lahetti
ENTRYPOINT ["lahetti"]
CMD ["--help"]
