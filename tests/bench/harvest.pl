#!/usr/bin/perl
# harvest.pl URL text|json - the list of records by HTTP::OAI, as its manual does it, for tests/bench/harvest: seconds and memory.
use strict;
use warnings;
use HTTP::OAI;
use Time::HiRes qw(time);

my ($url, $form) = @ARGV;
my ($began, $count, $bytes) = (time, 0, 0);
use constant MOST => 1000; # it takes its time
my $harvester = HTTP::OAI::Harvester->new(baseURL => $url);
$harvester->env_proxy;
my $list = $harvester->ListRecords(metadataPrefix => 'marcxml');
while ($count < MOST and my $record = $list->next) {
  $count++;
  $bytes += length($record->metadata->toString) if $record->metadata;
}
die $list->message . "\n" if $list->is_error;
my $seconds = time - $began;
open my $status, '<', '/proc/self/status' or die;
my ($peak) = map { /^VmHWM:\s*(\d+)/ ? $1 : () } <$status>;
my $what = 'HTTP::OAI, 1,000 of these, nothing kept';
for ([$count / $seconds, 'documents/s'], [$seconds, 's'], [(times)[0] + (times)[1], 's of processor in it'], [$peak / 1024, 'MiB, peak of it']) {
  $form eq 'json' ? printf(qq({"what": "%s", "value": %.3f, "unit": "%s"}\n), $what, @$_) : printf("%-44s %12.1f %s\n", $what, @$_);
}
die "$count records\n" if $count != MOST;
