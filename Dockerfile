# heropixel as an image: built in two stages, and run from a third that has neither a compiler nor Node nor the sources.
# The folder /data is its only volume. Everything else may be read-only; /tmp is for temporary files (a tmpfs).

# The script for web pages and the dashboard.
FROM node:24-slim AS pages
WORKDIR /build
COPY pixel/package.json pixel/package-lock.json pixel/
COPY dashboard/package.json dashboard/package-lock.json dashboard/
RUN npm ci --prefix pixel --ignore-scripts --no-audit --no-fund \
    && npm ci --prefix dashboard --ignore-scripts --no-audit --no-fund
COPY pixel pixel
COPY dashboard dashboard
COPY src/heropixel/api/schema.graphql src/heropixel/api/schema.graphql
RUN npm run --prefix pixel build && npm run --prefix dashboard build

# The packages, in the tested versions, and heropixel, in an environment of its own.
FROM python:3.13-slim AS packages
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PROJECT_ENVIRONMENT=/opt/heropixel UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir --root-user-action=ignore uv==0.13.9
WORKDIR /build
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev --no-install-project
COPY hatch_build.py README.md LICENSE ./
COPY src src
COPY --from=pages /build/src/heropixel/static src/heropixel/static
RUN uv sync --locked --no-dev --no-editable

FROM python:3.13-slim
RUN groupadd --system --gid 10001 heropixel \
    && useradd --system --uid 10001 --gid heropixel --no-create-home --shell /usr/sbin/nologin heropixel \
    && install --directory --owner=heropixel --group=heropixel --mode=0700 /data
COPY --from=packages /opt/heropixel /opt/heropixel
ENV PATH=/opt/heropixel/bin:$PATH PYTHONDONTWRITEBYTECODE=1 HEROPIXEL_DATA=/data HEROPIXEL_HOST=0.0.0.0
USER 10001:10001
VOLUME /data
EXPOSE 8000
# The server stops within its HEROPIXEL_DRAIN_SECONDS, and then loads the journal: give it a minute (stop_grace_period).
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('HEROPIXEL_PORT', 8000)}/health\", timeout=4)"]
ENTRYPOINT ["heropixel"]
CMD ["serve"]
