// SPDX-License-Identifier: MIT
import ipaddr from 'ipaddr.js'

/** A word that is an address or a prefix, and no name of a device ("d0"). */
export const isPrefix = (word: string): boolean => /^(default|any|all)$/.test(word) || /[.:]/.test(word) && ipaddr.isValid(word.split('/')[0] ?? '')

/** A prefix that a person wrote, as routecause writes it; `isAddress`: host bits stay. */
export function prefix(text: string, family: 'ipv4' | 'ipv6', isAddress = false): string {
  if (/^(default|any|all)$/.test(text)) return family === 'ipv4' ? '0.0.0.0/0' : '::/0'
  const [address = '', length = address.includes(':') ? '128' : '32'] = text.split('/')
  const parsed = ipaddr.parse(address)
  if (isAddress || parsed.kind() === 'ipv4') return `${canonical(address)}/${length}`
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/${length}`).toRFC5952String()}/${length}`
}

/** An address that a person wrote, as routecause writes it; anything else stays as it is. */
export function canonical(address: string | undefined): string | undefined {
  if (address === undefined || !ipaddr.isValid(address)) return address
  const parsed = ipaddr.parse(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  // As inet_ntop() and iproute2 write it.
  return parsed.isIPv4MappedAddress() ? `::ffff:${parsed.toIPv4Address().toString()}` : parsed.toRFC5952String()
}
