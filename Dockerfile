# Hilo as an image: Python, the locked libraries, the program; no root, nothing written outside /data, /key and /backups.
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/hilo
COPY requirements-run.lock ./
RUN /opt/hilo/bin/python -m pip install --no-cache-dir --require-hashes --requirement requirements-run.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY conversations conversations
COPY locales locales
COPY scheduler scheduler
COPY storage storage
RUN /opt/hilo/bin/python -m pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin hilo \
 && install --directory --owner hilo --group hilo --mode 700 /data /key /backups
COPY --from=build /opt/hilo /opt/hilo
ENV PATH=/opt/hilo/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HILO_HOME=/data \
    HILO_KEY_FILE=/key/key \
    HILO_BACKUP_FOLDER=/backups \
    HILO_STATUS_PORT=9464 \
    HILO_LOG_FORMAT=json
USER hilo
VOLUME ["/data", "/key", "/backups"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9464/readyz', timeout=3)"]
CMD ["hilo", "run"]
