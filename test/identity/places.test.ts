import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { placesOf, serverKeyFileIn } from '../../runtime/identity/places.ts';

const usual = {
  keyFile: '/home/ann/.config/punch/key',
  knownKeysFile: '/home/ann/.config/punch/known_keys',
  serverData: '/home/ann/.local/state/punch',
};

describe('files are', () => {
  test('in the home directory when nothing is said', () => {
    assert.deepEqual(placesOf({}, '/home/ann'), usual);
  });

  test('where XDG_CONFIG_HOME and XDG_STATE_HOME say', () => {
    assert.deepEqual(placesOf({ XDG_CONFIG_HOME: '/config', XDG_STATE_HOME: '/state' }, '/home/ann'), {
      keyFile: '/config/punch/key',
      knownKeysFile: '/config/punch/known_keys',
      serverData: '/state/punch',
    });
  });

  for (const path of ['', 'config', './config', '~/config']) {
    test(`in the home directory when the variables say ${JSON.stringify(path)}, which is not absolute`, () => {
      assert.deepEqual(placesOf({ XDG_CONFIG_HOME: path, XDG_STATE_HOME: path }, '/home/ann'), usual);
    });
  }

  test('together, for a server', () => {
    assert.equal(serverKeyFileIn('/data'), '/data/key');
  });
});
