import { computed, inject, onScopeDispose, reactive, watch, type InjectionKey, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'

import { attachments } from '@/api/attachments'
import { toApiError } from '@/api/errors'
import type { Field } from '@/api/types'
import { refusalOf } from '@/lib/form/files'
import { useFiles } from '@/stores/files'

/** A file that is being uploaded, or that failed. */
export interface Upload {
  key: number
  file: File
  /** The share that has been sent, 0 to 1. */
  share: number
  error: string
  /** Whether a retry can help. */
  mayRetry: boolean
}

/** The number of a form's unfinished uploads: it cannot be submitted before they are done. */
export const ON_THE_WAY: InjectionKey<Ref<number>> = Symbol('files on the way')

/** Uploads the files of one field and keeps the ids of finished ones in `ids`. */
export function useUploads(field: () => Field, ids: Ref<string[]>) {
  const { t } = useI18n()
  const known = useFiles()
  const onTheWay = inject(ON_THE_WAY, null)
  const uploads = reactive<Upload[]>([])
  const sending = new Map<number, AbortController>()
  /** When each file was chosen: they keep this order, whichever finishes first. */
  const turns = new Map<string, number>()
  let last = 0

  const running = computed(() => uploads.filter(({ error }) => !error).length)
  watch(running, (now, before) => onTheWay && (onTheWay.value += now - before), { flush: 'sync' })

  function forget(key: number): void {
    const at = uploads.findIndex((upload) => upload.key === key)
    if (at >= 0) uploads.splice(at, 1)
    sending.get(key)?.abort()
    sending.delete(key)
  }

  async function send(upload: Upload): Promise<void> {
    const mine = new AbortController()
    sending.set(upload.key, mine)
    Object.assign(upload, { error: '', mayRetry: false, share: 0 })
    try {
      const arrived = await attachments.upload(upload.file, {
        onProgress: (share) => (upload.share = share),
        signal: mine.signal,
      })
      known.learn([arrived])
      sending.delete(upload.key)
      forget(upload.key)
      turns.set(arrived.id, upload.key)
      const later = ids.value.findIndex((id) => (turns.get(id) ?? 0) > upload.key)
      ids.value = ids.value.toSpliced(later < 0 ? ids.value.length : later, 0, arrived.id)
    } catch (thrown) {
      if (mine.signal.aborted) return
      const { message, status } = toApiError(thrown)
      Object.assign(upload, {
        error: message,
        mayRetry: status <= 0 || status >= 500 || status === 429,
      })
    }
  }

  function add(files: Iterable<File>): void {
    const { max_items: most = Infinity } = field()
    for (const file of files) {
      const isTooMany = ids.value.length + running.value >= most
      const error = isTooMany ? t('files.tooMany', { n: most }) : refusalOf(file, field())
      uploads.push({ key: ++last, file, share: 0, error, mayRetry: false })
      const upload = uploads.at(-1)
      if (upload && !error) void send(upload)
    }
  }

  const remove = (id: string) => (ids.value = ids.value.filter((one) => one !== id))
  onScopeDispose(() => [...uploads].forEach(({ key }) => forget(key)))
  return { uploads, add, send, forget, remove }
}
