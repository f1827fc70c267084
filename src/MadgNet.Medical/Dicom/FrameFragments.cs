using System.Buffers.Binary;

namespace MadgNet.Medical.Dicom;

/// <summary>Which fragments of compressed pixels belong to which frame.</summary>
internal static class FrameFragments
{
    private const int ItemHeader = 8;

    /// <summary>The compressed bytes of one frame.</summary>
    /// <param name="file">The file, for its offset tables and its name.</param>
    /// <param name="element">The pixels: the basic offset table and the fragments.</param>
    /// <param name="frames">How many frames there are.</param>
    /// <param name="frame">The frame, from 0.</param>
    /// <exception cref="MedicalFileException">Fragments and frames do not fit each other.</exception>
    public static ReadOnlyMemory<byte> Of(DicomFile file, DicomElement element, int frames, int frame)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> all = element.Fragments;
        int count = all.Count - 1;
        if (count < 1)
        {
            throw MedicalFileException.Damaged(file.Name, "compressed pixels without a fragment");
        }

        if (count == frames)
        {
            return all[frame + 1];
        }

        if (frames == 1)
        {
            return Join(all, 1, count);
        }

        (int first, int next) = ByOffsets(file, all, frames, frame) ?? ByStarts(all, frames, frame)
            ?? throw MedicalFileException.Damaged(
                file.Name, $"{count} fragments for {frames} frames, and no offset table that tells where a frame begins");
        return Join(all, first, next - first);
    }

    private static (int First, int Next)? ByOffsets(DicomFile file, IReadOnlyList<ReadOnlyMemory<byte>> all, int frames, int frame)
    {
        long start;
        long end;
        if (all[0].Length >= 4L * frames)
        {
            start = BinaryPrimitives.ReadUInt32LittleEndian(all[0].Span[(frame * 4)..]);
            end = frame + 1 < frames ? BinaryPrimitives.ReadUInt32LittleEndian(all[0].Span[((frame + 1) * 4)..]) : long.MaxValue;
        }
        else if (file.Dataset.TryGet(Tags.ExtendedOffsets, out DicomElement? extended) && extended.Value.Length >= 8L * frames)
        {
            start = BinaryPrimitives.ReadInt64LittleEndian(extended.Value.Span[(frame * 8)..]);
            end = frame + 1 < frames ? BinaryPrimitives.ReadInt64LittleEndian(extended.Value.Span[((frame + 1) * 8)..]) : long.MaxValue;
        }
        else
        {
            return null;
        }

        long at = 0;
        int? first = null;
        for (int i = 1; i < all.Count; i++)
        {
            if (at == start)
            {
                first = i;
            }

            if (at == end)
            {
                return first is { } begin ? (begin, i) : null;
            }

            at += ItemHeader + all[i].Length;
        }

        return first is { } last && (end == long.MaxValue || end == at) ? (last, all.Count) : null;
    }

    /// <summary>Frames by the marker that every JPEG stream begins with.</summary>
    private static (int First, int Next)? ByStarts(IReadOnlyList<ReadOnlyMemory<byte>> all, int frames, int frame)
    {
        int[] starts = [.. Enumerable.Range(1, all.Count - 1).Where(i => all[i].Span.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]))];
        return starts.Length == frames && starts[0] == 1
            ? (starts[frame], frame + 1 < frames ? starts[frame + 1] : all.Count)
            : null;
    }

    private static ReadOnlyMemory<byte> Join(IReadOnlyList<ReadOnlyMemory<byte>> all, int first, int count)
    {
        if (count == 1)
        {
            return all[first];
        }

        var joined = new byte[Enumerable.Range(first, count).Sum(i => all[i].Length)];
        int at = 0;
        for (int i = first; i < first + count; i++)
        {
            all[i].CopyTo(joined.AsMemory(at));
            at += all[i].Length;
        }

        return joined;
    }
}
