import type { Field } from '@/api/types'
import { i18n } from '@/i18n'

const MB = 1024 * 1024

/** `1.4 MB`: near enough to decide whether to fetch it. */
export function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const inMb = bytes >= MB
  const amount = bytes / (inMb ? MB : 1024)
  return `${amount.toFixed(amount < 10 ? 1 : 0)} ${inMb ? 'MB' : 'KB'}`
}

/** Why a file need not be sent at all: the server would refuse it. Empty where it may pass. */
export function refusalOf(file: Pick<File, 'name' | 'size'>, field: Field): string {
  const { t } = i18n.global
  const name = file.name.toLowerCase()
  if (!file.size) return t('files.isEmpty')
  if (field.max_size_mb && file.size > field.max_size_mb * MB)
    return t('files.tooBig', { size: sizeWords(file.size), n: field.max_size_mb })
  if (field.accept && !field.accept.some((ending) => name.endsWith(`.${ending}`)))
    return t('files.badType', { types: field.accept.join(' ') })
  return ''
}
