# One image for every service: `docker run pulse up news`. Non-root; runs with a read-only root file system.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY requirements ./requirements
RUN python -m venv /opt/pulse \
    && /opt/pulse/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt \
    && /opt/pulse/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md ./
COPY scripts ./scripts
COPY src ./src
RUN /opt/pulse/bin/python scripts/build_web.py \
    && /opt/pulse/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --no-create-home pulse && install -d -o pulse /data
COPY --from=build /opt/pulse /opt/pulse
ENV PATH=/opt/pulse/bin:$PATH PULSE_HOME=/data PULSE_HTTP__HOST=0.0.0.0 PULSE_TELEMETRY__LOG_FORMAT=json
USER 10001
VOLUME /data
EXPOSE 8700
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8700/health/live', timeout=2)"]
ENTRYPOINT ["pulse"]
CMD ["up"]
