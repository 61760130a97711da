/** What the HTML report holds: the whole analysis, a picture of the trace, and how to get them again. */
import type { Analysis } from '../../analyze/analysis.js';
import type { Picture } from '../../analyze/picture/picture.js';

export interface ReportData {
  readonly analysis: Analysis;
  readonly picture: Picture;
  readonly file: string;
  /** Command that makes this report again. */
  readonly command: string;
  readonly producer: string;
}
