/** Numbers the requests of this side. They go on over the lives of a link, so no id is ever used twice. */
export class Ids {
  last = 0;
}
