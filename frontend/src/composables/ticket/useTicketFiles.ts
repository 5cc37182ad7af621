import { onScopeDispose, reactive } from 'vue'

import { attachments } from '@/api/attachments'
import { toApiError } from '@/api/errors'

/** A file that is being uploaded to a ticket, or that failed. */
export interface Sending {
  key: number
  file: File
  /** The share that has been sent, 0 to 1. */
  share: number
  error: string
}

/** Adds files to a ticket one by one; `onDone` is called after each. */
export function useTicketFiles(number: () => string, onDone: () => void) {
  const sending = reactive<Sending[]>([])
  const under = new Map<number, AbortController>()
  let last = 0

  function forget(key: number): void {
    under.get(key)?.abort()
    under.delete(key)
    const at = sending.findIndex((one) => one.key === key)
    if (at >= 0) sending.splice(at, 1)
  }

  async function send(one: Sending): Promise<void> {
    const mine = new AbortController()
    under.set(one.key, mine)
    Object.assign(one, { share: 0, error: '' })
    try {
      await attachments.upload(one.file, {
        ticket: number(),
        signal: mine.signal,
        onProgress: (share) => (one.share = share),
      })
      under.delete(one.key)
      forget(one.key)
      onDone()
    } catch (thrown) {
      if (!mine.signal.aborted) one.error = toApiError(thrown).message
    }
  }

  function add(files: Iterable<File>): void {
    for (const file of files) {
      sending.push({ key: ++last, file, share: 0, error: '' })
      const one = sending.at(-1)
      if (one) void send(one)
    }
  }

  onScopeDispose(() => [...under.keys()].forEach(forget))
  return { sending, add, send, forget }
}
