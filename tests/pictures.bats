#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The pictures of docs/ that are made of recorded text: each is what docs/picture makes of it today, and holds all of it. That
# the text is what is really said, the lab shows (tests/lab/shown, and the scenario picture-of-refusal).

bats_require_minimum_version 1.5.0

setup() { docs=$BATS_TEST_DIRNAME/../docs; }

# The words of a picture, and those of a text.
words_of_picture() { sed -n 's/.*<text [^>]*>\([^<]*\)<\/text>.*/\1/p' "$1" | sed 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' | tr -s ' \n' '\n'; }
words_of_text() { sed 's/\x1b\[[0-9;]*m//g; s/^error: //' | tr -s ' \n' '\n' | sed '/^$/d'; }

@test "the pictures are made of the recorded texts" {
	for name in show refusal; do
		"$docs/picture" "$name" > "$BATS_TEST_TMPDIR/$name.svg"
		cmp "$docs/$name.svg" "$BATS_TEST_TMPDIR/$name.svg"
		xmllint --noout "$docs/$name.svg"
	done
}

@test "they hold every word of it" {
	diff <(sed -n '/The guest starts/,$p' "$docs/show.txt" | words_of_text) <(words_of_picture "$docs/show.svg")
	diff <(tail -n +2 "$docs/refusal.txt" | words_of_text) \
		<(words_of_picture "$docs/refusal.svg" | sed '1,/^domain:$/d; /^Close$/d')
	[[ $(words_of_picture "$docs/show.svg" | wc -l) -gt 150 ]]
}

@test "another word in the text is another picture" {
	mkdir "$BATS_TEST_TMPDIR/docs"
	cp "$docs/picture" "$docs"/{show,refusal}.txt "$BATS_TEST_TMPDIR/docs"
	for name in show refusal; do
		sed -i 's/Nothing was changed/Something was changed/' "$BATS_TEST_TMPDIR/docs/$name.txt"
		run ! cmp -s <("$BATS_TEST_TMPDIR/docs/picture" "$name") "$docs/$name.svg"
	done
}

@test "they need nothing from elsewhere" {
	run ! grep -nE '(href|src|url\(|@import|<style|<script|<image)' "$docs/show.svg" "$docs/refusal.svg"
}

@test "a mistake is one line" {
	run "$docs/picture" other
	[[ $status -eq 1 && ${#lines[@]} -eq 1 ]]
}
