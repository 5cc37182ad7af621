import { networkError } from './errors'
import { headersOf, settle, urlOf } from './http'
import { heard } from './reach'
import type { Attachment } from './types'

export interface UploadOptions {
  /** Called with the share that has been sent, 0 to 1. */
  onProgress?: (share: number) => void
  signal?: AbortSignal
  /** The ticket to add it to; without one the file is kept for a form. */
  ticket?: string
}

/** XMLHttpRequest, because fetch does not report upload progress. */
function upload(
  file: File,
  { onProgress, signal, ticket }: UploadOptions = {},
): Promise<Attachment> {
  const place = ticket ? `tickets/${encodeURIComponent(ticket)}/attachments` : 'attachments'
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', urlOf(place))
    headersOf('POST').forEach((value, name) => request.setRequestHeader(name, value))
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total)
    }
    request.onerror = () => {
      heard(0)
      reject(networkError())
    }
    request.onabort = () => reject(new DOMException('Aborted', 'AbortError'))
    request.onload = () => {
      try {
        resolve(settle<Attachment>(request.status, request.responseText))
      } catch (refused) {
        reject(refused)
      }
    }
    signal?.addEventListener('abort', () => request.abort(), { once: true })
    const body = new FormData()
    body.append('file', file, file.name)
    request.send(body)
  })
}

export const attachments = {
  upload,
  /** The download URL; the server sends the file as an attachment. */
  url: (id: string) => urlOf(`attachments/${id}`),
}
