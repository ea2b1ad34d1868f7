/** The data in the state folder are those of another release of this project. */
export class OtherRelease extends Error {
  constructor(what: string) {
    super(`${what}. Use the release that wrote it, or remove the data: make reset`);
  }
}
