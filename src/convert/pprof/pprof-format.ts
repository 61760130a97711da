import type { ConvertFormat } from '../format.js';
import { PprofProfile } from './pprof-profile.js';
import { PprofWriter } from './pprof-writer.js';

export const pprofFormat: ConvertFormat = {
  name: 'pprof',
  title: 'profile of block, sched wait and syscall time and of goroutines, by stack and reason',
  opens: 'go tool pprof -sample_index=block|sched|syscall|goroutine',
  extension: '.pb.gz',
  async open(context) {
    return new PprofWriter(context, new PprofProfile(await context.output.create()));
  },
};
