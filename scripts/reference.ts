// Writes docs/reference: each page from what it describes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { clientPage, constructsPage } from './reference/api.ts';
import { crdPage } from './reference/crd.ts';
import { eventsPage } from './reference/events.ts';
import { koncliPage } from './reference/koncli.ts';
import { metricsPage } from './reference/metrics.ts';
import { operatorPage } from './reference/operator.ts';
import { root } from './root.ts';

const pages = {
  crd: crdPage,
  koncli: koncliPage,
  operator: operatorPage,
  metrics: metricsPage,
  events: eventsPage,
  client: clientPage,
  cdk8s: constructsPage,
};

mkdirSync(`${root}/docs/reference`, { recursive: true });
for (const [name, page] of Object.entries(pages)) writeFileSync(`${root}/docs/reference/${name}.md`, await page());
