namespace MadgNet.Core.Imaging;

/// <summary>A TIFF that is in memory.</summary>
internal sealed class TiffMemory(byte[] content) : TiffInput
{
    private int _position;

    public override long Length => content.Length;

    public override bool ReadAt(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > content.Length - buffer.Length)
        {
            return false;
        }

        content.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
        return true;
    }

    public override int Read(object clientData, byte[] buffer, int offset, int count)
    {
        int available = Math.Clamp(content.Length - _position, 0, Math.Max(count, 0));
        content.AsSpan(Math.Min(_position, content.Length), available).CopyTo(buffer.AsSpan(offset));
        _position += available;
        return available;
    }

    public override long Seek(object clientData, long offset, SeekOrigin origin)
    {
        long position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => content.Length + offset,
        };
        _position = (int)Math.Clamp(position, 0, content.Length);
        return position is >= 0 and <= int.MaxValue ? position : -1;
    }

    public override void Dispose()
    {
    }
}
