# SPDX-License-Identifier: GPL-2.0-or-later
#
# fish completion for hostdevctl(8). Commands, options, columns and the kinds of arguments are read
# from "hostdevctl help" and "hostdevctl COMMAND --help" when fish loads this file. These take a few
# milliseconds and ask neither libvirt nor the host: so all options of the program are offered.

# From help on standard input: a row for each spelling of each option, with a tab and what its value
# is called. The same text is in all three completions.
function __hostdevctl_parse
	awk '
	function flush(   at, names, text, value, option, list, word, i) {
		sub(/^ +/, "", row)
		sub(/\[=[A-Z]+\] /, "& ", row)
		at = index(row, "  ")
		names = at ? substr(row, 1, at - 1) : row
		text = at ? substr(row, at) : ""
		gsub(/ +/, " ", text)
		sub(/^ /, "", text)
		for (i = split(names, list, ", "); i > 0; i--) {
			sub(/\[=/, " [", list[i])
			if (list[i] ~ /^--/)
				value = split(list[i], word, " ") > 1 ? word[2] : ""
			sub(/ .*/, "", list[i])
			values[list[i]] = value
			option = list[i]
			# --exclude-devices takes what --devices does.
			if (sub(/^--exclude-/, "--", option))
				value = values[option]
			print list[i] "\t" value "\t" text
		}
		row = ""
	}
	# A row goes on in the next line where that has no option, or where the row ends within a list of them.
	row && /^ +-/ && row ~ /,$/ { sub(/^ +/, ""); row = row " " $0; next }
	row && /^ +[^ -]/ { sub(/^ +/, ""); row = row "  " $0; next }
	row { flush() }
	/^ +-/ { row = $0 }
	END { if (row) flush() }'
end

# --- what there is on this host ---

# What is typed of a word, or of the value in "--output=".
function __hostdevctl_typed
    commandline -ct | string replace -r '^--[a-z-]*=' ''
end

# Addresses as the kernel spells them, with the devices' names; behind what is typed in another way,
# as lspci or libvirt spell them.
function __hostdevctl_addresses
    set -l rows (timeout 2 hostdevctl list -rn -o ADDRESS,NAME 2> /dev/null)
    switch (__hostdevctl_typed)
        case 'pci_*'
            set rows (string replace -r '^(\S+):(\S+):(\S+)\.' 'pci_$1_$2_$3_' -- $rows)
        case '' '0000*' '?????:*' '*,*'
        case '*'
            set -a rows (string replace -fr '^0000:' '' -- $rows)
    end
    set -l typed (__hostdevctl_words)
    for row in $rows
        contains -- (string replace -r ' .*' '' -- $row) $typed
        or string replace ' ' \t -- $row | string replace -a '\x20' ' '
    end
end

# Interfaces, disks and graphics cards by the kernel's names, where a PCI device is behind them.
function __hostdevctl_nodes
    for node in /sys/class/net/* /sys/block/* /sys/class/drm/card*
        string match -q '/sys/devices/pci*' -- (realpath $node/device 2> /dev/null)
        and not string match -q '*/card*-*' $node
        and string replace -r '.*/' '' $node
    end
end

# To root the names of libvirt's files tell the guests at once, also while libvirtd hangs. For others
# virsh asks, read-only, and is ended when libvirtd does not answer soon.
function __hostdevctl_guests
    if test -r /etc/libvirt/qemu
        set -l files /etc/libvirt/qemu/*.xml /run/libvirt/qemu/*.xml
        string replace -r '.*/(.*)\.xml$' '$1' -- $files
    else
        timeout -k 1 2 virsh --readonly --connect qemu:///system list --all --name 2> /dev/null | string match -r '.+'
    end
end

# The guests and loans that have a journal; only root may look.
function __hostdevctl_journals
    set -l files /run/hostdev-hook/*.journal
    sed -sn 's/^guest //p' $files /dev/null 2> /dev/null
end

function __hostdevctl_ids
    for device in /sys/bus/pci/devices/*
        string join : (string replace 0x '' < $device/vendor) (string replace 0x '' < $device/device)
    end | sort -u
end

function __hostdevctl_drivers
    set -l devices /sys/bus/pci/drivers/*/*:*:*.*
    string replace -r '.*/(.*)/.*' '$1' -- $devices | sort -u
end

function __hostdevctl_groups
    set -l groups /sys/kernel/iommu_groups/*
    string replace -r '.*/' '' -- $groups
end

# --- what is offered ---

# Of the words given those that are not in the list that is typed, each behind that list.
function __hostdevctl_list
    set -l typed (__hostdevctl_typed)
    set -l before (string match -r '^(?:[a-z]+[+-]?=|\+)?' -- $typed)
    set -l kept (string match -r '^(?:.*,)?' -- (string replace -- "$before" '' $typed))
    set -l known (string split , -- $kept (string upper -- $kept))
    for word in $argv
        contains -- (string replace -r '\t.*' '' -- $word) $known
        or echo -- $before$kept$word
    end
end

function __hostdevctl_settings
    set -l allow default-route ssh upper-interface network-root network-mount hidden-interface only-keyboard \
        console igpu chipset hung-task-panic
    set -l typed (__hostdevctl_typed)
    set -l key (string match -r '^[a-z-]+[+-]?=' -- $typed)
    switch "$key"
        case group=
            string join \n $key{refuse,whole}
        case processes=
            string join \n $key{refuse,wait,terminate,kill}
        case services=
            string join \n $key{refuse,wait,stop-unit,terminate}
        case display=
            string join \n $key{refuse,release,stop}
        case allow=
            __hostdevctl_list none $allow
        case 'allow+=' 'allow-='
            __hostdevctl_list $allow
        case ignore=
            __hostdevctl_list (hostdevctl check --ids -rn 2> /dev/null | cut -d " " -f 1)
        case ''
            string join \n {group,processes,services,display,allow,allow+,allow-,wait-time,grace-time,ignore,unbind-time,bind-time,reset-time,release-time,script-time,total-time}=
    end
end

# What the help calls $argv[1], as the value of the option $argv[2] or, where that is "-", as an
# argument; $argv[3] is what the help says of the option.
function __hostdevctl_offer
    switch $argv[2]:$argv[1]
        case '*:DIR'
            __fish_complete_directories (__hostdevctl_typed)
        case '-:FILE'
            __fish_complete_path (commandline -ct) | string match -r '.*(?:/|\.xml|\.XML)(?:\t.*)?$'
        case '*:FILE'
            __fish_complete_path (__hostdevctl_typed)
        case '-:NAME' '-:GUEST'
            switch (__hostdevctl_words)[1]
                case recover return
                    __hostdevctl_journals
                case '*'
                    __hostdevctl_guests
            end
        case '*:ADDR' '*:ADDRESS'
            __hostdevctl_addresses
        case '-:DEVICE'
            __hostdevctl_addresses
            __hostdevctl_nodes
        case '-:GROUP'
            __hostdevctl_groups
        case '-:VENDOR:DEVICE'
            __hostdevctl_ids
        case '*:ADDRESS,...'
            __hostdevctl_list (__hostdevctl_addresses)
        case '*:NAME,...'
            __hostdevctl_list (__hostdevctl_drivers)
        case '*:VVVV:DDDD,...'
            __hostdevctl_list (__hostdevctl_ids)
        case '--output:LIST'
            set -l columns (string match -r 'columns: ([^;]*)' -- $argv[3])[2]
            __hostdevctl_list (string split , -- (string replace -a ' ' '' -- $columns))
        case '*:LIST'
            __hostdevctl_list all no-vga (__hostdevctl_groups)
        case '*:KEY=VALUE'
            __hostdevctl_settings
        case '*:USER:GROUP'
            __fish_complete_users
        case '*:[WHEN]'
            string join \n auto always never
        case '--loader:*'
            string join \n grub grub-bls systemd-boot uki uki-direct kernelstub proxmox sdbootutil ostree bootc \
                nixos limine refind
        case '--initramfs:*'
            string join \n initramfs-tools dracut mkinitcpio booster
        case '*:*|*'
            string split '|' -- $argv[1] | string match -r '^[a-z].*'
            string match -q '*ADDRESS*' -- $argv[1]; and __hostdevctl_addresses
    end
end

# --- the command line ---

# What stands before the word that is typed, from the command on.
function __hostdevctl_words
    set -l words (commandline -opc)
    while set -q words[1]; and not string match -qr '(^|/)hostdevctl$' -- $words[1]
        set -e words[1]
    end
    set -e words[1]
    string join \n -- $words
end

function __hostdevctl_command_is
    set -l words (__hostdevctl_words)
    test "$words[1]" = "$argv[1]"
end

# What the argument that is typed may be: "A|B..." stands for several, and what has no dots is not
# repeated.
function __hostdevctl_argument
    set -l words (__hostdevctl_words)
    set -l help (hostdevctl $words[1] --help 2> /dev/null)
    set -l usage (string replace -r '^Usage: hostdevctl [a-z]+ *' '' -- $help[1] | string replace '[OPTION...]' '')
    set -l arguments (string replace -ar '[][]' '' -- $usage | string match -ar '\S+')
    set -l count 1
    set -l before
    for word in $words[2..-1]
        if not string match -q -- '-?*' $word; and not contains -- "$words[1] $before" $__hostdevctl_valued
            set count (math $count + 1)
        end
        set before $word
    end
    set -l kinds (string split '|' -- $arguments[$count])
    if test $count -gt (count $arguments)
        set kinds (string split '|' -- $arguments[-1])
        string match -q -- '*...' $kinds[-1]
        or set kinds (string match -- '*...' $kinds)
    end
    for kind in (string replace -a ... '' -- $kinds)
        if string match -qr '[A-Z]' -- $kind
            __hostdevctl_offer $kind -
        else
            echo -- $kind
        end
    end
end

# --- what fish is told ---

# In the command $argv[1] the option $argv[2], its value's name and its text.
function __hostdevctl_complete_option
    set -l is -l (string replace -r '^--' '' -- $argv[2])
    string match -qr '^-.$' -- $argv[2]
    and set is -s (string replace - '' -- $argv[2])
    set -l offer "(__hostdevctl_offer "(string escape -- $argv[3] (string replace -r '^-o$' -- --output $argv[2]) $argv[4] | string join ' ')")"
    switch $argv[3]
        case ''
            complete -c hostdevctl -f -n "__hostdevctl_command_is '$argv[1]'" $is -d $argv[4]
        case '[*'
            complete -c hostdevctl -f -n "__hostdevctl_command_is '$argv[1]'" $is -d $argv[4] -a $offer
        case '*'
            complete -c hostdevctl -x -n "__hostdevctl_command_is '$argv[1]'" $is -d $argv[4] -a $offer
            set -ga __hostdevctl_valued "$argv[1] $argv[2]"
    end
end

set -g __hostdevctl_valued
complete -c hostdevctl -f
for row in (hostdevctl help 2> /dev/null | __hostdevctl_parse)
    __hostdevctl_complete_option '' (string split \t -- $row)
end
for line in (hostdevctl help 2> /dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\)  */\1 /p')
    set -l words (string split -m 1 ' ' -- $line)
    complete -c hostdevctl -n "__hostdevctl_command_is ''" -a $words[1] -d $words[2]
    contains $words[1] help version
    or complete -c hostdevctl -n '__hostdevctl_command_is help' -a $words[1] -d $words[2]
    for row in (hostdevctl $words[1] --help 2> /dev/null | __hostdevctl_parse)
        __hostdevctl_complete_option $words[1] (string split \t -- $row)
    end
end
complete -c hostdevctl -a '(__hostdevctl_argument)' \
    -n "not __hostdevctl_command_is ''; and not string match -q -- '-*' (commandline -ct)"
