"""Prometheus metrics. Names and labels are public contract; every one is listed in docs/reference/metrics.md."""

from prometheus_client import Counter, Gauge, Histogram

articles_processed = Counter(
    "pulse_articles_processed_total", "Articles taken in, by what became of them", ["niche", "source", "status"]
)
summarization_duration = Histogram(
    "pulse_summarization_duration_seconds",
    "Time to write and verify one summary",
    ["llm_provider", "model"],
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120),
)
queue_size = Gauge("pulse_pipeline_queue_size", "Work that is due and waits", ["priority"])
posts_published = Counter("posts_published_total", "Posts confirmed by their platform", ["channel"])
http_requests = Counter("http_requests_total", "HTTP requests answered", ["service", "method", "route", "status"])
http_duration = Histogram("http_request_duration_seconds", "Time to answer", ["service", "method", "route"])
fetches = Counter("pulse_fetches_total", "Polls of sources, by outcome", ["outcome"])
sentences_dropped = Counter("pulse_sentences_dropped_total", "Sentences that the gate refused", ["reason"])
deliveries = Counter("pulse_deliveries_total", "Attempts to deliver a post, by outcome", ["channel", "outcome"])
dead_letters = Counter("pulse_dead_letters_total", "Work given up after its last attempt", ["queue"])
