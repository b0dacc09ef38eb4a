// Declares metrics of prom-client in one registry, and renders them in the text format of Prometheus.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What is declared of a metric. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labelNames: readonly string[];
}

export class MetricsRegistry {
  readonly #registry = new Registry();

  get contentType(): string {
    return this.#registry.contentType;
  }

  families(): MetricFamily[] {
    return this.#registry.getMetricsAsArray() as unknown as MetricFamily[];
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  counter(name: string, help: string, labels: readonly string[] = []): Counter {
    return new Counter({ name, help, labelNames: [...labels], registers: [this.#registry] });
  }

  /** `buckets`: upper bounds in seconds. */
  histogram(name: string, help: string, { labels, buckets }: { labels: string[]; buckets: number[] }): Histogram {
    return new Histogram({ name, help, labelNames: labels, buckets, registers: [this.#registry] });
  }

  /** Calls `fill` at each scrape. */
  gauge(name: string, help: string, labels: readonly string[], fill: (gauge: Gauge) => void): void {
    const collect = function (this: Gauge) {
      this.reset();
      fill(this);
    };
    new Gauge({ name, help, labelNames: [...labels], registers: [this.#registry], collect });
  }

  gaugeOf(name: string, help: string, read: () => number, labels: Readonly<Record<string, string>> = {}): void {
    this.gauge(name, help, Object.keys(labels), (gauge) => gauge.set(labels, read()));
  }

  /** Reads a total that is kept elsewhere, at each scrape. */
  counterOf(name: string, help: string, read: () => number): void {
    const collect = function (this: Counter) {
      this.reset();
      this.inc(read());
    };
    new Counter({ name, help, registers: [this.#registry], collect });
  }
}
