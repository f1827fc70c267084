using MadgNet.Medical.Nifti;

namespace MadgNet.Medical.Tests.Support;

/// <summary>Small NIfTI files of every kind: slope 2, intercept 1, a qform whose origin is −4, 5, 6.</summary>
internal static class NiftiBuilder
{
    public static byte[] Build(NiftiType type, int version, bool big, int[] shape, double[] numbers)
    {
        int header = version == 1 ? 352 : 544;
        byte[] values = [.. numbers.SelectMany(number => Bytes(type, number, big))];
        var content = new byte[header + values.Length];
        void Put(int at, byte[] bytes) => (big ? bytes.Reverse().ToArray() : bytes).CopyTo(content, at);
        void Real(int first, int second, double value)
        {
            if (version == 1)
            {
                Put(first, BitConverter.GetBytes((float)value));
            }
            else
            {
                Put(second, BitConverter.GetBytes(value));
            }
        }

        void Whole(int first, int second, long value)
        {
            if (version == 1)
            {
                Put(first, BitConverter.GetBytes((short)value));
            }
            else
            {
                Put(second, BitConverter.GetBytes(value));
            }
        }

        Put(0, BitConverter.GetBytes(version == 1 ? 348 : 540));
        (version == 1 ? "n+1\0"u8.ToArray() : "n+2\0\r\n\u001A\n"u8.ToArray()).CopyTo(content, version == 1 ? 344 : 4);
        Whole(40, 16, shape.Length);
        for (int i = 0; i < shape.Length; i++)
        {
            Whole(42 + (2 * i), 24 + (8 * i), shape[i]);
            Real(80 + (4 * i), 112 + (8 * i), 1);
        }

        Put(version == 1 ? 70 : 12, BitConverter.GetBytes((short)type));
        Real(76, 104, 1);
        Real(112, 176, 2);
        Real(116, 184, 1);
        if (version == 1)
        {
            Put(108, BitConverter.GetBytes(352f));
            Put(252, BitConverter.GetBytes((short)1));
        }
        else
        {
            Put(168, BitConverter.GetBytes(544L));
            Put(344, BitConverter.GetBytes(1));
        }

        Real(268, 376, -4);
        Real(272, 384, 5);
        Real(276, 392, 6);
        values.CopyTo(content, header);
        return content;
    }

    private static byte[] Bytes(NiftiType type, double number, bool big)
    {
        byte[] bytes = type switch
        {
            NiftiType.UInt8 => [(byte)number],
            NiftiType.Int8 => [(byte)(sbyte)number],
            NiftiType.Int16 => BitConverter.GetBytes((short)number),
            NiftiType.UInt16 => BitConverter.GetBytes((ushort)number),
            NiftiType.Int32 => BitConverter.GetBytes((int)number),
            NiftiType.UInt32 => BitConverter.GetBytes((uint)number),
            NiftiType.Int64 => BitConverter.GetBytes((long)number),
            NiftiType.UInt64 => BitConverter.GetBytes((ulong)number),
            NiftiType.Float32 => BitConverter.GetBytes((float)number),
            _ => BitConverter.GetBytes(number),
        };
        return big ? [.. bytes.Reverse()] : bytes;
    }
}
