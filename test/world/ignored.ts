type Ignored = Readonly<Record<string, { readonly in: readonly string[]; readonly because: string }>>;

/** What is ignored where, strangers aside, and why that is right. Without a number it is protocol 1. */
export const ignored: Readonly<Record<string, Ignored>> = {
  client: {
    'datagram.registerAck': {
      in: ['registered', 'registering'],
      because: 'a copy of an acknowledgement that was taken, or of an earlier process; nothing was asked',
    },
    'datagram.holePunchResponseUnknown': {
      in: ['refused', 'registering'],
      because: 'the refusal is known, and the pause before the next attempt is running; or nothing was asked',
    },
    'datagram.holePunchInitiate': {
      in: ['awaitingAck', 'refused', 'registering'],
      because: 'it was meant for an earlier process at this port; whoever still wants us asks again',
    },
    'network.changed': {
      in: ['awaitingAck', 'refused', 'registered', 'registering', 'unregistered'],
      because: 'the next refresh comes soon enough, and the original has nothing else to ask with',
    },
    'transport.opened': {
      in: ['awaitingAck', 'refused', 'registered', 'unregistered'],
      because: 'a socket opens once',
    },
    'transport.failed': {
      in: ['awaitingAck', 'refused', 'registered', 'unregistered'],
      because: 'a socket that has opened cannot fail to open',
    },
  },
  'client of protocol 2': {
    'datagram.registerAck': {
      in: ['registered', 'registering'],
      because: 'a handshake is finished once; nothing was asked',
    },
    'datagram.challenge': {
      in: ['awaitingAck', 'refused', 'registered', 'registering', 'unregistered'],
      because: 'a copy of one that was taken, or the answer to a knock that is no longer of interest',
    },
    'datagram.challenge.distrusted': {
      in: ['awaitingAck', 'knocking', 'refused', 'registered', 'registering', 'unregistered'],
      because: 'anybody can send it: it is a reason to fail only while the server itself is not heard',
    },
    'datagram.registerRefuse': {
      in: ['awaitingAck', 'knocking', 'refused', 'registered', 'registering', 'unregistered'],
      because: 'a copy of a refusal that was taken; or the server has said yes since',
    },
    'datagram.keepaliveAck': {
      in: ['awaitingAck', 'knocking', 'refused', 'registered', 'registering'],
      because:
        'a second answer to a Keepalive that was sent twice; or there is no session that it could be from',
    },
    'datagram.stale': {
      in: ['awaitingAck', 'knocking', 'refused', 'registering', 'unregistered'],
      because: 'a new session is being asked for, or there is none',
    },
    'datagram.pathChallenge': {
      in: ['awaitingAck', 'knocking', 'refused', 'registering'],
      because: 'there is no session that it could be from',
    },
    'network.changed': {
      in: ['awaitingAck', 'knocking', 'refused', 'registering'],
      because: 'the server is being asked already, from wherever we are',
    },
    'transport.opened': {
      in: ['awaitingAck', 'knocking', 'refused', 'registered', 'unregistered'],
      because: 'a socket opens once',
    },
    'transport.failed': {
      in: ['awaitingAck', 'knocking', 'refused', 'registered', 'unregistered'],
      because: 'a socket that has opened cannot fail to open',
    },
  },
  link: {
    'datagram.message': {
      in: ['absent', 'connected', 'punching', 'requesting'],
      because: 'it comes from an address that we have not sent to, or before there is one',
    },
    'network.changed': {
      in: ['absent', 'connected', 'punching', 'requesting'],
      because: 'what is asked or greeted next comes from wherever we are',
    },
    say: {
      in: ['absent', 'punching', 'requesting'],
      because: 'the host refuses it: there is nobody to hear',
    },
    introduced: { in: ['connected', 'punching'], because: 'it is the address that we use already' },
    disappointed: {
      in: ['connected', 'punching'],
      because: 'the peer was introduced; that the server has lost it since does not matter to a direct path',
    },
  },
  'link of protocol 2': {
    keyFound: {
      in: ['absent', 'connected', 'punching', 'requesting'],
      because: 'the key is known',
    },
    keyDistrusted: {
      in: ['connected', 'punching'],
      because: 'who answered the call has proved the key that it must have',
    },
    start: {
      in: ['absent', 'connected', 'punching', 'requesting'],
      because: 'we have begun, or it was us who called',
    },
    'datagram.probe': {
      in: ['absent', 'connected', 'punching', 'requesting'],
      because: 'it neither confirms nor asks; or we have no keys yet',
    },
    'datagram.bye': { in: ['absent', 'requesting'], because: 'we have no keys yet' },
    'network.changed': {
      in: ['absent', 'punching', 'requesting'],
      because: 'what is asked or probed next comes from wherever we are',
    },
    say: {
      in: ['absent', 'connected', 'punching', 'requesting'],
      because: 'the host seals what users say, and sends it to the address that the link has',
    },
    introduced: {
      in: ['punching'],
      because:
        'it has the keys of this call, and the addresses of this introduction; another call is another link',
    },
    'address.changed': {
      in: ['absent', 'punching', 'requesting'],
      because: 'what is asked or probed next comes from wherever we are',
    },
    disappointed: {
      in: ['connected', 'punching'],
      because: 'the peer was introduced; that the server has lost it since does not matter to a direct path',
    },
  },
  session: {},
  'session of protocol 2': {
    'datagram.register': {
      in: ['proving', 'registered'],
      because:
        'a replay from another address; or the client has the acknowledgement, for it has used its keys',
    },
    'datagram.sealed': {
      in: ['proving'],
      because:
        'it is not from where the Register came from, and nothing is sent there before the session counts',
    },
    'datagram.keepalive': {
      in: ['proving', 'registered'],
      because: 'the challenge that an address elsewhere gets is the answer',
    },
    'datagram.pathResponse': {
      in: ['proving', 'registered'],
      because: 'the session is there already; or no challenge was sent yet',
    },
    'datagram.bye': {
      in: ['proving'],
      because: 'it comes after the first sealed datagram, or it is not heeded',
    },
  },
  introduction: {
    repeated: { in: ['withheld'], because: 'the refusal comes when it comes' },
    accepted: { in: ['withheld'], because: 'who has refused cannot accept; who is not there says nothing' },
    refused: {
      in: ['answered', 'declined', 'withheld'],
      because: 'it is refused already; or it was accepted before, and the caller knows',
    },
  },
};
