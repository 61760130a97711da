/** `npm run tutorial`: puts what its commands print today into docs/tutorial.md. */
import { writeFileSync } from 'node:fs';
import { rewritten, TUTORIAL } from './tutorial.js';

writeFileSync(TUTORIAL, rewritten());
