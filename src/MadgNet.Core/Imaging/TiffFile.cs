namespace MadgNet.Core.Imaging;

/// <summary>A TIFF on disk.</summary>
internal sealed class TiffFile(FileStream file) : TiffInput
{
    public override long Length => file.Length;

    public override bool ReadAt(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > file.Length - buffer.Length)
        {
            return false;
        }

        file.Position = offset;
        return file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) == buffer.Length;
    }

    public override int Read(object clientData, byte[] buffer, int offset, int count) =>
        file.ReadAtLeast(buffer.AsSpan(offset, Math.Max(count, 0)), Math.Max(count, 0), throwOnEndOfStream: false);

    public override long Seek(object clientData, long offset, SeekOrigin origin)
    {
        long position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => file.Position + offset,
            _ => file.Length + offset,
        };
        if (position < 0)
        {
            return -1;
        }

        file.Position = position;
        return position;
    }

    public override void Dispose() => file.Dispose();
}
