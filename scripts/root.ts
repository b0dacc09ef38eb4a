// The folder of the repository.
import { join } from 'path/posix';

export const root = join(import.meta.dirname, '..');
