import type { ActionVersion } from '@/api/actions'
import type { Look } from '@/lib/format/states'

type Judged = Pick<ActionVersion, 'state' | 'is_recalled' | 'is_sound'>

/** The key of a version's state for new tickets, the most severe first. */
export function versionWord({ state, is_recalled, is_sound }: Judged): string {
  if (!is_sound) return 'versionState.tampered'
  return is_recalled ? 'versionState.recalled' : `versionState.${state}`
}

export function versionLook(version: Judged): Look {
  if (!version.is_sound) return { tone: 'refused', shape: 'alert' }
  if (version.state === 'released') return { tone: 'done', shape: 'check' }
  if (version.is_recalled) return { tone: 'refused', shape: 'cross' }
  return version.state === 'withdrawn'
    ? { tone: 'muted', shape: 'cross' }
    : { tone: 'waiting', shape: 'dot' }
}
