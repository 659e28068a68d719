/* SPDX-License-Identifier: BSD-2-Clause */
/// What each invocation expects (seL4 manual, API reference), so that many calls get as far as acting.
///
/// Message words, a letter each; operands are two words, an index and a depth:
///     D  an empty slot, V  any slot, E  an endpoint's, all below the invoked CNode
///     S  a slot below extra capability 0 to take from, P  the same for Rotate's pivot, Q  below extra capability 1
///     X  an empty slot below extra capability 0, Y  the same below 1
///     N  the CNode that Retype fills, below extra capability 0, and with it the first slot (three words)
///     t b n  Retype's type, size and number of objects      g  rights    d  badge or guard    p  priority
///     c  capability address   a  address to map at   B  address of an IPC buffer   m  memory attributes
///     f  register flags       k  number of registers  u  a register      x  FPU flag   z  zero
///     i  interrupt   o  I/O APIC   e  input of it   s  0 or 1   v  vector   h  port   r  a number of no kind
/// Extra capabilities, a letter each:
///     r  the root of an operand   t  TCB   n  notification   f  frame   v  PML4   u  untyped memory
#include "hostile.h"

#define SHAPE(label, kind, weight, words, caps) {label, kind_##kind, weight, words, caps}

const Shape shapes[] = {
    SHAPE(UntypedRetype, untyped, 20, "tbNn", "r"),
    SHAPE(TCBReadRegisters, tcb, 3, "fk", ""),
    SHAPE(TCBWriteRegisters, tcb, 6, "fkuuuuuuuuuuuuuuuuuu", ""),
    SHAPE(TCBCopyRegisters, tcb, 4, "f", "t"),
    SHAPE(TCBConfigure, tcb, 6, "cddB", "rvf"),
    SHAPE(TCBSetPriority, tcb, 3, "p", "t"),
    SHAPE(TCBSetMCPriority, tcb, 3, "p", "t"),
    SHAPE(TCBSetSchedParams, tcb, 3, "pp", "t"),
    SHAPE(TCBSetIPCBuffer, tcb, 4, "B", "f"),
    SHAPE(TCBSetSpace, tcb, 4, "cdd", "rv"),
    SHAPE(TCBSuspend, tcb, 2, "", ""),
    SHAPE(TCBResume, tcb, 4, "", ""),
    SHAPE(TCBBindNotification, tcb, 4, "", "n"),
    SHAPE(TCBUnbindNotification, tcb, 4, "", ""),
    SHAPE(TCBSetTLSBase, tcb, 2, "u", ""),
    SHAPE(TCBSetFlags, tcb, 3, "xx", ""),
    SHAPE(CNodeRevoke, cnode, 5, "V", ""),
    SHAPE(CNodeDelete, cnode, 30, "V", ""),
    SHAPE(CNodeCancelBadgedSends, cnode, 4, "E", ""),
    SHAPE(CNodeCopy, cnode, 10, "DSg", "r"),
    SHAPE(CNodeMint, cnode, 12, "DSgd", "r"),
    SHAPE(CNodeMove, cnode, 6, "DS", "r"),
    SHAPE(CNodeMutate, cnode, 6, "DSd", "r"),
    SHAPE(CNodeRotate, cnode, 6, "DdPdQ", "rr"),
    SHAPE(CNodeSaveCaller, cnode, 3, "D", ""),
    SHAPE(IRQIssueIRQHandler, irq_control, 1, "iX", "r"),
    SHAPE(IRQAckIRQ, irq_handler, 4, "", ""),
    SHAPE(IRQSetIRQHandler, irq_handler, 4, "", "n"),
    SHAPE(IRQClearIRQHandler, irq_handler, 2, "", ""),
    SHAPE(DomainSetSet, domain, 2, "z", "t"),
    SHAPE(DomainScheduleConfigure, domain, 1, "szr", ""),
    SHAPE(DomainScheduleSetStart, domain, 1, "s", ""),
    SHAPE(X86PDPTMap, pdpt, 4, "am", "v"),
    SHAPE(X86PDPTUnmap, pdpt, 3, "", ""),
    SHAPE(X86PageDirectoryMap, directory, 4, "am", "v"),
    SHAPE(X86PageDirectoryUnmap, directory, 3, "", ""),
    SHAPE(X86PageTableMap, page_table, 4, "am", "v"),
    SHAPE(X86PageTableUnmap, page_table, 3, "", ""),
    SHAPE(X86PageMap, frame, 8, "agm", "v"),
    SHAPE(X86PageMap, large_frame, 2, "agm", "v"),
    SHAPE(X86PageUnmap, frame, 4, "", ""),
    SHAPE(X86PageGetAddress, frame, 2, "", ""),
    SHAPE(X86ASIDControlMakePool, asid_control, 3, "Y", "ur"),
    SHAPE(X86ASIDPoolAssign, asid_pool, 3, "", "v"),
    SHAPE(X86IOPortControlIssue, io_port_control, 3, "hhX", "r"),
    SHAPE(X86IOPortIn8, io_port, 2, "h", ""),
    SHAPE(X86IOPortIn16, io_port, 2, "h", ""),
    SHAPE(X86IOPortIn32, io_port, 2, "h", ""),
    SHAPE(X86IOPortOut8, io_port, 2, "hr", ""),
    SHAPE(X86IOPortOut16, io_port, 2, "hr", ""),
    SHAPE(X86IOPortOut32, io_port, 2, "hr", ""),
    SHAPE(X86IRQIssueIRQHandlerIOAPIC, irq_control, 4, "Xoessv", "r"),
    SHAPE(X86IRQIssueIRQHandlerMSI, irq_control, 3, "Xrrrrv", "r"),
    // Messages to endpoints and notifications: any label, any words, capabilities of all kinds.
    SHAPE(InvalidInvocation, endpoint, 8, "rrrrrrrr", "tnf"),
    SHAPE(InvalidInvocation, notification, 8, "r", ""),
    SHAPE(InvalidInvocation, free, 6, "rrrr", "nft"),  // replies, for instance
};
const unsigned shape_count = sizeof shapes / sizeof *shapes;

const char* label_name(seL4_Word label) {
#define NAME(label) [label] = #label
    static const char* const names[label_limit] = {NAME(InvalidInvocation),
                                                   NAME(UntypedRetype),
                                                   NAME(TCBReadRegisters),
                                                   NAME(TCBWriteRegisters),
                                                   NAME(TCBCopyRegisters),
                                                   NAME(TCBConfigure),
                                                   NAME(TCBSetPriority),
                                                   NAME(TCBSetMCPriority),
                                                   NAME(TCBSetSchedParams),
                                                   NAME(TCBSetIPCBuffer),
                                                   NAME(TCBSetSpace),
                                                   NAME(TCBSuspend),
                                                   NAME(TCBResume),
                                                   NAME(TCBBindNotification),
                                                   NAME(TCBUnbindNotification),
                                                   NAME(TCBSetTLSBase),
                                                   NAME(TCBSetFlags),
                                                   NAME(CNodeRevoke),
                                                   NAME(CNodeDelete),
                                                   NAME(CNodeCancelBadgedSends),
                                                   NAME(CNodeCopy),
                                                   NAME(CNodeMint),
                                                   NAME(CNodeMove),
                                                   NAME(CNodeMutate),
                                                   NAME(CNodeRotate),
                                                   NAME(CNodeSaveCaller),
                                                   NAME(IRQIssueIRQHandler),
                                                   NAME(IRQAckIRQ),
                                                   NAME(IRQSetIRQHandler),
                                                   NAME(IRQClearIRQHandler),
                                                   NAME(DomainSetSet),
                                                   NAME(DomainScheduleConfigure),
                                                   NAME(DomainScheduleSetStart),
                                                   NAME(X86PDPTMap),
                                                   NAME(X86PDPTUnmap),
                                                   NAME(X86PageDirectoryMap),
                                                   NAME(X86PageDirectoryUnmap),
                                                   NAME(X86PageTableMap),
                                                   NAME(X86PageTableUnmap),
                                                   NAME(X86PageMap),
                                                   NAME(X86PageUnmap),
                                                   NAME(X86PageGetAddress),
                                                   NAME(X86ASIDControlMakePool),
                                                   NAME(X86ASIDPoolAssign),
                                                   NAME(X86IOPortControlIssue),
                                                   NAME(X86IOPortIn8),
                                                   NAME(X86IOPortIn16),
                                                   NAME(X86IOPortIn32),
                                                   NAME(X86IOPortOut8),
                                                   NAME(X86IOPortOut16),
                                                   NAME(X86IOPortOut32),
                                                   NAME(X86IRQIssueIRQHandlerIOAPIC),
                                                   NAME(X86IRQIssueIRQHandlerMSI)};
#undef NAME
    return label < label_limit && names[label] != NULL ? names[label] : "(no label)";
}
