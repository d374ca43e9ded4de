<?php
// php deliver.php host port user private-key host-key bundle.xml [list.csv ...]

foreach ([__DIR__ . '/vendor/autoload.php', '/usr/share/php/phpseclib3/autoload.php'] as $autoload) {
    if (is_file($autoload)) {
        require_once $autoload;
        break;
    }
}

use phpseclib3\Crypt\PublicKeyLoader;
use phpseclib3\Net\SFTP;

[, $host, $port, $user, $key, $hostKey, $xml] = $argv;
$lists = array_slice($argv, 7);
$name = basename($xml);
$stem = pathinfo($xml, PATHINFO_FILENAME);

function connect(string $host, int $port, string $user, string $key, string $hostKey): SFTP
{
    $sftp = new SFTP($host, $port);
    $shown = $sftp->getServerPublicHostKey();
    if ($shown === false) {
        throw new RuntimeException("$host does not answer");
    }
    if ($shown !== $hostKey) {
        throw new RuntimeException("the host key of $host is not the one that was given");
    }
    if (!$sftp->login($user, PublicKeyLoader::load(file_get_contents($key)))) {
        throw new RuntimeException("$host does not let $user in");
    }
    return $sftp;
}

function report(SFTP $sftp, string $name): string
{
    $text = $sftp->file_exists("report.$name.done") ? $sftp->get("report.$name.done") : '';
    $sftp->disconnect();
    return (string) $text;
}

function must(bool $done, string $what): void
{
    if (!$done) {
        throw new RuntimeException("$what failed");
    }
}

try {
    $sftp = connect($host, (int) $port, $user, $key, $hostKey);
    foreach (["report.$name", "report.$name.done"] as $old) {
        if ($sftp->file_exists($old)) {
            $sftp->delete($old);
        }
    }
    foreach ([...$lists, $xml] as $path) {
        must($sftp->put(basename($path), $path, SFTP::SOURCE_LOCAL_FILE), "put $path");
    }
    must($sftp->put("$stem.ok", ''), "put $stem.ok");
    $sftp->disconnect();

    $tries = (int) (getenv('DELIVER_TRIES') ?: 360);
    $pause = (float) (getenv('DELIVER_PAUSE') ?: 5);
    for ($try = 0; $try < $tries; $try++) {
        usleep((int) ($pause * 1e6));
        try {
            $text = report(connect($host, (int) $port, $user, $key, $hostKey), $name);
        } catch (RuntimeException) {  // the bundle is there: only this look at it failed
            $text = '';
        }
        if ($text !== '') {
            preg_match('~<error[^>]*>(.*?)</error>~s', $text, $found);
            $error = trim(html_entity_decode($found[1] ?? '', ENT_XML1));
            fwrite($error === '' ? STDOUT : STDERR, "$name: " . ($error === '' ? 'accepted' : $error) . "\n");
            exit($error === '' ? 0 : 1);
        }
    }
    throw new RuntimeException('no report yet, look at the space later');
} catch (RuntimeException $error) {
    fwrite(STDERR, "$name: {$error->getMessage()}\n");
    exit(1);
}
