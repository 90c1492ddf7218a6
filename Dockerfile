# An older Debian than Python's: its wheel runs on every newer one.
FROM rust:1-slim-bookworm AS native

RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
WORKDIR /src
COPY native .
RUN pip wheel --wheel-dir /wheels .


FROM node:22-bookworm-slim AS client

WORKDIR /src/web
COPY web .
RUN cd client && npm ci && npm run build


FROM python:3.11-slim AS build

WORKDIR /src
RUN python -m venv /opt/conscope
COPY . .
COPY --from=client /src/web/static/built web/static/built
RUN /opt/conscope/bin/pip install --no-cache-dir --constraint requirements.lock .
COPY --from=native /wheels /wheels
RUN /opt/conscope/bin/pip install --no-cache-dir --no-index /wheels/*.whl


FROM python:3.11-slim

# Volumes take their owner from these folders when they are first used.
RUN useradd --system --uid 10001 --no-create-home conscope \
    && mkdir -p /var/lib/conscope/data /var/lib/conscope/secrets \
    && chown -R conscope /var/lib/conscope
COPY --from=build /opt/conscope /opt/conscope

ENV PATH=/opt/conscope/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CONSCOPE_DATA_DIR=/var/lib/conscope/data

USER conscope
WORKDIR /var/lib/conscope
EXPOSE 6066
ENTRYPOINT ["python", "-m", "faust", "-A", "conscope_app"]
CMD ["worker"]
