#!/usr/bin/env bash
# Obtains Kafka's message schemas from the official Java client, with Maven's ordinary client, for schema_test.
# usage: fetch_newest_schemas.sh FOLDER [VERSION]
#   then CHISME_NEWEST_SCHEMAS=FOLDER/common/message build/tests/wire_tests --gtest_filter='schema.*'
set -euo pipefail

folder=${1:?the folder to fill, for example build/newest_schemas}
version=${2:-4.2.0}
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.6.0

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
echo "kafka-clients $version -> $folder/common/message"
mvn --quiet --batch-mode "$plugin:get" -Dartifact="org.apache.kafka:kafka-clients:$version" -Dtransitive=false
mvn --quiet --batch-mode "$plugin:copy" -Dartifact="org.apache.kafka:kafka-clients:$version" \
  -DoutputDirectory="$folder" -Dmdep.overWriteReleases=true
(cd "$folder" && unzip -qo "kafka-clients-$version.jar" 'common/message/*')
echo "$(find "$folder/common/message" -name '*.json' | wc -l) schema files"
