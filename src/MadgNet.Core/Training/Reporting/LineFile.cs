using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training.Reporting;

/// <summary>
/// A text file of records, a line each, that several runs of one training append to: what lies beyond the point that a run
/// goes on from is cut off, so that no record is lost and none is there twice.
/// </summary>
internal sealed class LineFile : IDisposable
{
    // About an hour of steps: what a full disk may cost in memory before the oldest lines are given up.
    private const int MostPending = 20_000;
    private const int Remembered = 16;
    private readonly AppendedFile _file;
    private readonly string? _header;
    private readonly Func<string, bool>? _keep;
    private readonly ILogger _logger;
    private readonly List<byte[]> _pending = [];
    private readonly Queue<string> _lastKept = new();
    private bool _prepared;
    private bool _dropped;

    /// <summary>Creates the file's writer; nothing is touched before the first record.</summary>
    /// <param name="path">The file.</param>
    /// <param name="header">Its first line, or null for none.</param>
    /// <param name="keep">Which lines of an existing file stay; null begins a new file and sets an existing one aside.</param>
    /// <param name="logger">Receives what cannot be written.</param>
    public LineFile(string path, string? header, Func<string, bool>? keep, ILogger logger)
    {
        _file = new AppendedFile(path, logger);
        _header = header;
        _keep = keep;
        _logger = logger;
    }

    /// <summary>Appends a record, unless the part of the file that was kept has it.</summary>
    /// <param name="line">The record, without its line end.</param>
    /// <param name="key">The beginning of the line that no other record has.</param>
    public void Append(string line, string key)
    {
        Prepare();
        if (_lastKept.Any(kept => kept.StartsWith(key, StringComparison.Ordinal)))
        {
            return;
        }

        _pending.Add(Encoding.UTF8.GetBytes(line + "\n"));
        if (_pending.Count > MostPending)
        {
            _pending.RemoveRange(0, _pending.Count - MostPending);
            if (!_dropped)
            {
                _dropped = true;
                _logger.LogWarning("'{Path}' could not be written for so long that its oldest unwritten lines are given up", _file.Path);
            }
        }

        Write();
    }

    /// <summary>Writes what could not be written before, and forces everything onto the disk.</summary>
    public void Flush()
    {
        Prepare();
        Write();
        _file.Flush();
    }

    public void Dispose() => _file.Dispose();

    private void Write()
    {
        if (!_prepared || _pending.Count == 0)
        {
            return;
        }

        if (_header is not null && (_file.Length == 0 || !File.Exists(_file.Path)))
        {
            _file.Length = 0;
            if (_file.Append([Encoding.UTF8.GetBytes(_header + "\n")]) == 0)
            {
                return;
            }
        }

        _pending.RemoveRange(0, _file.Append(_pending));
    }

    /// <summary>Cuts an existing file to what is kept. Where that fails, it is tried again before the next record.</summary>
    private void Prepare()
    {
        if (_prepared)
        {
            return;
        }

        try
        {
            if (File.Exists(_file.Path))
            {
                if (_keep is null || !Cut(_keep))
                {
                    SetAside();
                }
            }

            _prepared = true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _file.Fail(exception);
        }
    }

    private bool Cut(Func<string, bool> keep)
    {
        bool whole = EndsWithNewLine(_file.Path);
        bool changed = !whole;
        var kept = new List<string>();
        using (FileStream stream = RegularFile.OpenRead(_file.Path))
        using (var reader = new StreamReader(stream, Encoding.UTF8))
        {
            if (_header is not null)
            {
                string? first = reader.ReadLine();
                if (first is null || first != _header)
                {
                    // Empty, or of other columns: another network or an older version.
                    return first is null;
                }
            }

            string? previous = null;
            while (reader.ReadLine() is { } line)
            {
                Keep(previous);
                previous = line;
            }

            // A line without an end was cut off in the middle, and may look like a whole one.
            Keep(whole ? previous : null);
        }

        if (changed)
        {
            AtomicFile.Write(_file.Path, 0, stream =>
            {
                using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
                foreach (string line in _header is null ? kept : kept.Prepend(_header))
                {
                    writer.WriteLine(line);
                }
            });
        }

        foreach (string line in kept.TakeLast(Remembered))
        {
            _lastKept.Enqueue(line);
        }

        _file.Length = new FileInfo(_file.Path).Length;
        return true;

        void Keep(string? line)
        {
            if (line is null)
            {
                return;
            }

            if (keep(line))
            {
                kept.Add(line);
            }
            else
            {
                changed = true;
            }
        }
    }

    /// <summary>Keeps a file that does not belong to this run under the next free name: <c>steps-1.csv</c>.</summary>
    private void SetAside()
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(_file.Path))!;
        string stem = Path.GetFileNameWithoutExtension(_file.Path);
        for (int number = 1; ; number++)
        {
            string other = Path.Combine(
                folder, string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}{Path.GetExtension(_file.Path)}"));
            if (!File.Exists(other))
            {
                File.Move(_file.Path, other);
                _logger.LogInformation("'{Path}' is of an earlier run and was kept as '{Other}'", _file.Path, other);
                return;
            }
        }
    }

    private static bool EndsWithNewLine(string path)
    {
        using FileStream stream = RegularFile.OpenRead(path);
        if (stream.Length == 0)
        {
            return true;
        }

        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte() == '\n';
    }
}
