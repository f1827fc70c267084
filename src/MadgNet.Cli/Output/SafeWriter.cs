using System.Text;

namespace MadgNet.Cli.Output;

/// <summary>
/// Standard output or error that may be closed, full, or read by somebody who has seen enough: what cannot be written is dropped, work
/// goes on, and the tool's exit code tells of it.
/// </summary>
internal sealed class SafeWriter(Func<TextWriter> open) : TextWriter
{
    private readonly Lock _gate = new();
    private TextWriter? _inner;

    /// <summary>Why nothing can be written any more; null as long as everything was.</summary>
    public Exception? Failure { get; private set; }

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Try(writer => writer.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(writer => writer.Write(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        string text = buffer.ToString();
        Try(writer => writer.Write(text));
    }

    public override void Write(string? value) => Try(writer => writer.Write(value));

    public override void WriteLine() => Try(writer => writer.WriteLine());

    public override void WriteLine(string? value) => Try(writer => writer.WriteLine(value));

    public override void Flush() => Try(writer => writer.Flush());

    private void Try(Action<TextWriter> write)
    {
        lock (_gate)
        {
            if (Failure is not null)
            {
                return;
            }

            try
            {
                write(_inner ??= open());
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException
                or NotSupportedException)
            {
                Failure = exception;
            }
        }
    }
}
