import type { Field } from '@/api/types'
import { i18n } from '@/i18n'

const MB = 1024 * 1024

/** `1.4 MB`: a rounded size. */
export function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const inMb = bytes >= MB
  const amount = bytes / (inMb ? MB : 1024)
  return `${amount.toFixed(amount < 10 ? 1 : 0)} ${inMb ? 'MB' : 'KB'}`
}

/** Why the server would refuse a file, so that it need not be sent; empty if it may be accepted. */
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
