/** A titled part of a report; one without lines is left out. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}
