// dotnet run -- host port user private-key host-key bundle.xml [list.csv ...]     (package SSH.NET)

using System.Net.Sockets;
using System.Xml.Linq;
using Renci.SshNet;
using Renci.SshNet.Common;

var (host, port, user, key, hostKey, xml) = (args[0], int.Parse(args[1]), args[2], args[3], args[4], args[5]);
var lists = args.Skip(6).ToArray();
var name = Path.GetFileName(xml);
var stem = Path.GetFileNameWithoutExtension(xml);
var expected = Convert.FromBase64String(hostKey.Split(' ')[1]);

T Connected<T>(Func<SftpClient, T> work)
{
    using var sftp = new SftpClient(host, port, user, new PrivateKeyFile(key));
    sftp.HostKeyReceived += (_, e) => e.CanTrust = e.HostKey.AsSpan().SequenceEqual(expected);
    sftp.Connect();
    return work(sftp);
}

Connected(sftp =>
{
    foreach (var old in new[] { $"report.{name}", $"report.{name}.done" })
    {
        if (sftp.Exists(old))
        {
            sftp.DeleteFile(old);
        }
    }
    foreach (var path in lists.Append(xml))
    {
        using var file = File.OpenRead(path);
        sftp.UploadFile(file, Path.GetFileName(path));
    }
    sftp.UploadFile(new MemoryStream(), $"{stem}.ok");
    return 0;
});

var tries = int.Parse(Environment.GetEnvironmentVariable("DELIVER_TRIES") ?? "360");
var pause = double.Parse(Environment.GetEnvironmentVariable("DELIVER_PAUSE") ?? "5");
for (var attempt = 0; attempt < tries; attempt++)
{
    await Task.Delay(TimeSpan.FromSeconds(pause));
    var done = $"report.{name}.done";
    string? text = null;
    try
    {
        text = Connected(sftp => sftp.Exists(done) ? sftp.ReadAllText(done) : null);
    }
    catch (Exception error) when (error is SshException or SocketException)
    {
        // The bundle is there: only this look at it failed.
    }
    if (text is not null)
    {
        var error = XDocument.Parse(text).Root?.Element("error")?.Value.Trim() ?? "";
        (error == "" ? Console.Out : Console.Error).WriteLine($"{name}: {(error == "" ? "accepted" : error)}");
        return error == "" ? 0 : 1;
    }
}
Console.Error.WriteLine($"{name}: no report yet, look at the space later");
return 1;
