// Writes schema/src/wait-group-check.ts.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './executables.ts';
import { waitGroupCheckSource } from './wait-group-check-source.ts';

writeFileSync(join(root, 'schema/src/wait-group-check.ts'), waitGroupCheckSource());
