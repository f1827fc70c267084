using MadgNet.PretrainedWeights;

// FROM TO: an ONNX file, and the safetensors file to write.
if (args is not [var from, var to])
{
    Console.Error.WriteLine("Expected two paths: the ONNX file to read and the safetensors file to write.");
    return 2;
}

try
{
    IReadOnlyList<NamedTensor> tensors = ResNet18Cntk.Read(from);
    SafetensorsWriter.Write(to, tensors, ResNet18Cntk.Metadata);
    Console.WriteLine($"{to}: {tensors.Count} tensors, {tensors.Sum(tensor => (long)tensor.Values.Length):N0} numbers");
    return 0;
}
catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException
    or Google.Protobuf.InvalidProtocolBufferException)
{
    Console.Error.WriteLine($"{from}: {exception.Message}");
    return 1;
}
