import { KonductorInjection, KonductorMonitoring, KonductorOperator } from '@konductor/cdk8s';
import { App, Chart } from 'cdk8s';
import { describe, expect, it } from 'vitest';

describe.each([KonductorOperator, KonductorInjection, KonductorMonitoring])('%o', (Made) => {
  it('is refused a second time in one chart, where its objects would have the names of the first', () => {
    const chart = new Chart(new App(), 'test');
    new Made(chart, 'One');
    expect(() => new Made(chart, 'Two')).toThrow(
      `${Made.name} test/Two: test/One makes objects of the same names in this chart: leave one of both out`,
    );
  });

  it('may be in several charts of an app, as of several clusters', () => {
    const app = new App();
    for (const id of ['staging', 'production']) new Made(new Chart(app, id), 'One');
    expect(app.charts).toHaveLength(2);
  });
});
