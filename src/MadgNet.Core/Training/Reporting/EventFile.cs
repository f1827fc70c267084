using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training.Reporting;

/// <summary>
/// A file of TensorBoard events: <c>tensorflow.Event</c> messages (tensorflow/core/util/event.proto) in records of length,
/// its masked CRC-32C, data and its masked CRC-32C (tensorflow/core/lib/io/record_writer.h).
/// </summary>
internal sealed class EventFile : IDisposable
{
    private const int StartOfSession = 1;
    private readonly AppendedFile _file;
    private readonly byte[][] _beginning;
    private readonly ILogger _logger;
    private bool _dropped;

    /// <summary>Begins a file.</summary>
    /// <param name="folder">The folder; created when absent.</param>
    /// <param name="firstStep">The first step that this file tells of: what earlier files say of it and later ones no longer
    /// counts.</param>
    /// <param name="logger">Receives what cannot be written.</param>
    public EventFile(string folder, long firstStep, ILogger logger)
    {
        _logger = logger;
        _file = new AppendedFile(System.IO.Path.Combine(folder, NameIn(folder)), logger);
        _beginning =
        [
            Record(Event(0).Text(3, "brain.Event:2")),
            Record(Event(firstStep).Message(7, new ProtoWriter().Integer(1, StartOfSession))),
        ];
    }

    public string Path => _file.Path;

    /// <summary>Appends an event with summary values; it is given up where it cannot be written.</summary>
    public void Append(long step, params IEnumerable<ProtoWriter> values)
    {
        var summary = new ProtoWriter();
        bool any = false;
        foreach (ProtoWriter value in values)
        {
            summary.Message(1, value);
            any = true;
        }

        if (!any)
        {
            return;
        }

        if (_file.Length == 0 || !File.Exists(_file.Path))
        {
            _file.Length = 0;
            if (_file.Append(_beginning) < _beginning.Length)
            {
                // A file without its beginning would not be read: the next event begins it anew.
                _file.Length = 0;
                Drop();
                return;
            }
        }

        if (_file.Append([Record(Event(step).Message(5, summary))]) == 0)
        {
            Drop();
        }
    }

    public void Flush() => _file.Flush();

    public void Dispose() => _file.Dispose();

    public static ProtoWriter Scalar(string tag, double value) => new ProtoWriter().Text(1, tag).Float(2, (float)value);

    /// <summary>An encoded picture.</summary>
    public static ProtoWriter Image(string tag, int height, int width, ReadOnlySpan<byte> png) =>
        new ProtoWriter().Text(1, tag).Message(4, new ProtoWriter().Integer(1, height).Integer(2, width).Integer(3, 3).Bytes(4, png));

    /// <summary>A text, which TensorBoard shows as Markdown: a tensor of one string for the plugin <c>text</c>.</summary>
    public static ProtoWriter Text(string tag, string markdown)
    {
        const int StringType = 7;
        return new ProtoWriter()
            .Text(1, tag)
            .Message(9, new ProtoWriter().Message(1, new ProtoWriter().Text(1, "text")))
            .Message(8, new ProtoWriter()
                .Integer(1, StringType)
                .Message(2, new ProtoWriter().Message(2, new ProtoWriter().Integer(1, 1)))
                .Text(8, markdown));
    }

    /// <summary>How values are distributed, in equal bins between the smallest and the largest.</summary>
    public static ProtoWriter Histogram(string tag, ValueHistogram histogram) => new ProtoWriter().Text(1, tag).Message(5, new ProtoWriter()
        .Double(1, histogram.Minimum)
        .Double(2, histogram.Maximum)
        .Double(3, histogram.Count)
        .Double(4, histogram.Sum)
        .Double(5, histogram.SumOfSquares)
        .Doubles(6, histogram.Limits)
        .Doubles(7, histogram.Counts));

    /// <summary>
    /// The checksum of a record's parts: CRC-32C, rotated and shifted, because the checksum of data that holds checksums is weak.
    /// </summary>
    internal static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        crc = ~crc;
        return BitOperations.RotateRight(crc, 15) + 0xa282ead8;
    }

    private static ProtoWriter Event(long step) =>
        new ProtoWriter().Double(1, (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds).Integer(2, step);

    private static byte[] Record(ProtoWriter message)
    {
        byte[] data = message.ToArray();
        byte[] record = new byte[data.Length + 16];
        BinaryPrimitives.WriteInt64LittleEndian(record, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedCrc(record.AsSpan(0, 8)));
        data.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), MaskedCrc(data));
        return record;
    }

    /// <summary>TensorBoard reads the files of a folder in the order of their names: a later file needs a later time in its name.</summary>
    private static string NameIn(string folder)
    {
        const string Start = "events.out.tfevents.";
        long time = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        if (Directory.Exists(folder))
        {
            foreach (string file in Directory.EnumerateFiles(folder, Start + "*"))
            {
                string number = System.IO.Path.GetFileName(file)[Start.Length..].Split('.')[0];
                if (long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long earlier) && earlier >= time)
                {
                    time = earlier + 1;
                }
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Start}{time:D10}.{Environment.MachineName}.{Environment.ProcessId}.0");
    }

    private void Drop()
    {
        if (!_dropped)
        {
            _dropped = true;
            _logger.LogWarning("Events for TensorBoard are lost while '{Path}' cannot be written", _file.Path);
        }
    }
}
