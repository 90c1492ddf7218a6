#!/bin/sh
# Makes the passwords of `docker compose up` once, into the folder that is named; keeps what is there.
set -eu
folder=$1

random() {
	od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

# Written under another name first: a file that is there is whole.
keep() {
	if [ ! -s "$folder/$1" ]; then
		printf '%s' "$2" >"$folder/$1.part"
		mv "$folder/$1.part" "$folder/$1"
	fi
}

# The containers run as different users; only they can see the volume that this is.
umask 022
keep web_token "$(random)"
keep postgres_password "$(random)"
password=$(cat "$folder/postgres_password")
keep database_url "postgresql+psycopg2://conscope:$password@postgres:5432/conscope"

echo "The dashboard asks for a token. To read it: docker compose exec worker cat $folder/web_token"
