using System.Buffers.Binary;

namespace MadgNet.Medical.Dicom;

/// <summary>Numbers as the bytes of a DICOM value, lowest byte first.</summary>
internal static class BinaryNumbers
{
    /// <summary>Writes numbers.</summary>
    /// <exception cref="ArgumentException">The representation has no numbers, or a number does not fit it.</exception>
    public static byte[] Write(DicomVr vr, IReadOnlyList<double> values)
    {
        int size = vr switch
        {
            DicomVr.US or DicomVr.SS => 2,
            DicomVr.UL or DicomVr.SL or DicomVr.FL => 4,
            DicomVr.FD => 8,
            _ => throw new ArgumentException($"received {vr}; expected US, SS, UL, SL, FL, FD, DS or IS. Choose one of them.", nameof(vr)),
        };
        (double least, double most) = vr switch
        {
            DicomVr.US => (ushort.MinValue, ushort.MaxValue),
            DicomVr.SS => (short.MinValue, short.MaxValue),
            DicomVr.UL => (uint.MinValue, uint.MaxValue),
            DicomVr.SL => (int.MinValue, int.MaxValue),
            _ => (double.NegativeInfinity, double.PositiveInfinity),
        };
        var bytes = new byte[values.Count * size];
        for (int i = 0; i < values.Count; i++)
        {
            double value = values[i];
            if (!(value >= least && value <= most))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"received {value}; expected {least} to {most} for {vr}. Choose a wider representation."),
                    nameof(values));
            }

            Span<byte> target = bytes.AsSpan(i * size, size);
            switch (vr)
            {
                case DicomVr.US:
                    BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)value);
                    break;
                case DicomVr.SS:
                    BinaryPrimitives.WriteInt16LittleEndian(target, (short)value);
                    break;
                case DicomVr.UL:
                    BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)value);
                    break;
                case DicomVr.SL:
                    BinaryPrimitives.WriteInt32LittleEndian(target, (int)value);
                    break;
                case DicomVr.FL:
                    BinaryPrimitives.WriteSingleLittleEndian(target, (float)value);
                    break;
                default:
                    BinaryPrimitives.WriteDoubleLittleEndian(target, value);
                    break;
            }
        }

        return bytes;
    }
}
