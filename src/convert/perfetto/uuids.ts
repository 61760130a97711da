/** Numbers of tracks: small, so that they take one or two bytes in each event. 0 is Perfetto's own. */
export class Uuids {
  #last = 0;

  next(): number {
    return ++this.#last;
  }
}
