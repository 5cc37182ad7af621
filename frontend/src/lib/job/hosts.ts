import type { Job } from '@/api/types'
import { hostFace, type HostFace } from '@/lib/format/states'

export interface Square {
  name: string
  face: HostFace
  message: string
  batch: number
}
export interface Batch {
  number: number
  squares: Square[]
  /** The number of hosts that are finished, successful or not. */
  done: number
  bad: number
  running: number
}

const SILENT: HostFace[] = ['skipped', 'not_reached']
const BAD: HostFace[] = ['failed', 'unreachable', 'unknown']
/** Hosts that are not done: still to come, or never reached. */
const OPEN: HostFace[] = ['waiting', 'running', ...SILENT]
export const isBadFace = (face: HostFace): boolean => BAD.includes(face)

/** Every host of the run; hosts without a result are waiting. */
export function squaresOf(job: Pick<Job, 'hosts' | 'plan'>): Square[] {
  const known = new Map(job.hosts.map((host) => [host.name, host]))
  const names = new Set([...job.plan.targets.map((target) => target.name), ...known.keys()])
  return [...names].map((name) => {
    const host = known.get(name)
    const face = host ? hostFace(host.status, host.changed) : 'waiting'
    // For a host that was never reached, its square shows everything.
    const message = SILENT.includes(face) ? '' : (host?.message ?? '')
    return { name, face, message, batch: host?.batch ?? 0 }
  })
}

/** The batches in order; a single one if the run takes all hosts at once. 0: not part of this run. */
export function batchesOf(squares: readonly Square[]): Batch[] {
  const byNumber = new Map<number, Square[]>()
  for (const square of squares) {
    const there = byNumber.get(square.batch)
    if (there) there.push(square)
    else byNumber.set(square.batch, [square])
  }
  const count = (of: Square[], faces: HostFace[]) =>
    of.filter(({ face }) => faces.includes(face)).length
  return [...byNumber]
    .sort(([a], [b]) => (a || Infinity) - (b || Infinity))
    .map(([number, members]) => ({
      number,
      squares: members,
      done: members.length - count(members, OPEN),
      bad: count(members, BAD),
      running: count(members, ['running']),
    }))
}
