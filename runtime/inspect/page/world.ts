import type { HubRecord, SourceRecord } from '../records.ts';
import type { Source } from './history.ts';
import { Scene } from './scene.ts';

/** Everything that the hub has told. */
export class World {
  readonly scenes = new Map<string, Scene>();
  /** Lines that could not be understood: the program at the other end is of another version. */
  misunderstood = 0;
  readonly #sources = new Map<number, Source>();
  readonly #known = new Map<string, Source>();
  #speaker: Source | undefined;
  #isAgain = false;

  get sources(): Iterable<Source> {
    return this.#known.values();
  }

  /** Takes a message of the hub. */
  take(message: string): void {
    for (const line of message.split('\n')) {
      try {
        this.#hear(JSON.parse(line) as HubRecord | SourceRecord);
      } catch {
        this.misunderstood += 1;
      }
    }
  }

  /** The hub has gone; another will tell everything again. What its processes have told stays. */
  lost(): void {
    for (const source of this.#known.values()) source.isLive = false;
    this.#sources.clear();
    this.#speaker = undefined;
  }

  #hear(record: HubRecord | SourceRecord): void {
    switch (record[0]) {
      case 'source':
        return this.#meet(record[1], record[2]);
      case 'from':
        this.#speaker = this.#sources.get(record[1]);
        this.#isAgain = record[2] === true;
        return;
      case 'gone': {
        const source = this.#sources.get(record[1]);
        if (source !== undefined) source.isLive = false;
        return;
      }
    }
    const source = this.#speaker;
    if (source === undefined) return;
    if (record[0] === 'word') source.words.set(record[1], record[2]);
    else if (record[0] === 'chart') {
      source.charts.set(record[1], { number: record[1], name: record[2], definition: record[3] });
    } else this.#sceneOf(source).take(source, record, this.#isAgain);
  }

  #meet(number: number, identity: Source['identity']): void {
    const known = this.#known.get(identity.id);
    if (known !== undefined && this.#sources.get(number) === known) return;
    if (known !== undefined) this.#sceneOf(known).forget(known);
    const source: Source = { identity, number, words: new Map(), charts: new Map(), isLive: true };
    this.#known.set(identity.id, source);
    this.#sources.set(number, source);
  }

  #sceneOf(source: Source): Scene {
    const key = source.identity.isRecorded ? source.identity.id : 'live';
    const scene = this.scenes.get(key) ?? new Scene(source);
    this.scenes.set(key, scene);
    return scene;
  }
}
