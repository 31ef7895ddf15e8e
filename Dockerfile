# Segue with its models inside: nothing is fetched when it starts.
#
#   docker build -t segue .
#   docker run --env-file .env -p 8080:8080 -v segue-data:/data segue

FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/segue
ENV PATH=/opt/segue/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# Dependencies and models in a layer of their own: a change of our code does not install 1 GB again.
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
      > requirements.txt \
    && pip install -r requirements.txt -c constraints.txt

COPY . .
RUN pip install --no-deps .


FROM python:3.11-slim
RUN useradd --uid 10001 --user-group --home-dir /data --create-home --shell /usr/sbin/nologin segue
COPY --from=build /opt/segue /opt/segue
COPY campaigns /app/campaigns
WORKDIR /app

ENV PATH=/opt/segue/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SEGUE_HOST=0.0.0.0 \
    SEGUE_PORT=8080 \
    SEGUE_DATA=/data \
    SEGUE_CAMPAIGNS=/app/campaigns

# The embedded Valkey writes here; with SEGUE_REDIS_URL it stays empty.
VOLUME /data
EXPOSE 8080
USER 10001

# Models take a few seconds to load and warm up; only then does the server answer.
HEALTHCHECK --interval=15s --timeout=4s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"SEGUE_PORT\"]}/healthz', timeout=3)"]

CMD ["segue", "serve"]
